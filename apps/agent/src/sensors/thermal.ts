import type { SystemFiles } from './files.js';

const ZONES = '/sys/class/thermal';
const CASE = /skin|battery|batt|case|shell|quiet_therm/i;
const CPU = /cpu|x86_pkg_temp|soc|coretemp|k10temp|cluster|package/i;
/** A sensor that is not there answers something absurd. */
const plausible = (celsius: number) => celsius > -30 && celsius < 130;

/** The hottest of each kind, °C; zones of neither kind (radio, chipset) say nothing that an owner would feel. */
export function temperatures(files: SystemFiles): { case_c: number | null; cpu_c: number | null } {
  const zones = files.names(ZONES).filter((name) => name.startsWith('thermal_zone'));
  const hottest = (kind: RegExp) => {
    const readings = zones
      .filter((zone) => kind.test(files.text(`${ZONES}/${zone}/type`) ?? ''))
      .map((zone) => files.number(`${ZONES}/${zone}/temp`))
      .filter((milli) => milli !== null)
      .map((milli) => milli / 1_000)
      .filter(plausible);
    return readings.length > 0 ? Math.max(...readings) : null;
  };
  return { case_c: hottest(CASE), cpu_c: hottest(CPU) };
}
