export type { DeviceRules as OwnerRules, Hours, RuleName, Threshold } from '#protocol';
export { HOURS_ALWAYS, NO_RULES, RULE_NAMES, SAFE_RULES } from '#protocol';
