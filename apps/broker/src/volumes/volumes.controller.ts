import { Controller, Req, StreamableFile } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { IdempotencyKey } from '../platform/http/idempotency.js';
import { Input, type InputOf } from '../platform/http/input.js';
import type { HeapRequest } from '../platform/http/request.js';
import { DirectoriesService } from './directories.service.js';
import { FilesService } from './files.service.js';
import { HealthService } from './health.service.js';
import { Reading } from './reading.service.js';
import { VolumesService } from './volumes.service.js';

/** How many bytes the request says that it brings. */
const lengthOf = ({ headers }: HeapRequest): number | undefined => {
  const said = headers['content-length'];
  return said === undefined ? undefined : Number(said);
};

@Controller()
export class VolumesController {
  constructor(
    private readonly volumes: VolumesService,
    private readonly files: FilesService,
    private readonly reading: Reading,
    private readonly directories: DirectoriesService,
    private readonly health: HealthService,
  ) {}

  @Endpoint(ROUTES.createVolume)
  create(
    @CallerParam() caller: Caller,
    @IdempotencyKey() key: string,
    @Input() { body }: InputOf<typeof ROUTES.createVolume>,
  ): Promise<Answer<typeof ROUTES.createVolume>> {
    return this.volumes.create(personOf(caller).person_id, key, body);
  }

  @Endpoint(ROUTES.listVolumes)
  async list(
    @CallerParam() caller: Caller,
    @Input() { query }: InputOf<typeof ROUTES.listVolumes>,
  ): Promise<Answer<typeof ROUTES.listVolumes>> {
    return { volumes: await this.volumes.list(personOf(caller).person_id, query.before, query.limit) };
  }

  @Endpoint(ROUTES.getVolume)
  get(@CallerParam() caller: Caller, @Input() { params }: InputOf<typeof ROUTES.getVolume>): Promise<Answer<typeof ROUTES.getVolume>> {
    return this.health.ofVolume(personOf(caller).person_id, params.volume_id);
  }

  @Endpoint(ROUTES.renewVolume)
  renew(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.renewVolume>,
  ): Promise<Answer<typeof ROUTES.renewVolume>> {
    return this.volumes.renew(personOf(caller).person_id, params.volume_id, body);
  }

  @Endpoint(ROUTES.deleteVolume)
  delete(
    @CallerParam() caller: Caller,
    @Input() { params }: InputOf<typeof ROUTES.deleteVolume>,
  ): Promise<Answer<typeof ROUTES.deleteVolume>> {
    return this.volumes.delete(personOf(caller).person_id, params.volume_id);
  }

  @Endpoint(ROUTES.createFile)
  async createFile(
    @CallerParam() caller: Caller,
    @IdempotencyKey() key: string,
    @Input() { params }: InputOf<typeof ROUTES.createFile>,
  ): Promise<Answer<typeof ROUTES.createFile>> {
    return { file_id: await this.files.create(personOf(caller).person_id, params.volume_id, key) };
  }

  @Endpoint(ROUTES.listFiles)
  async listFiles(
    @CallerParam() caller: Caller,
    @Input() { params, query }: InputOf<typeof ROUTES.listFiles>,
  ): Promise<Answer<typeof ROUTES.listFiles>> {
    return { files: await this.files.list(personOf(caller).person_id, params.volume_id, query.before, query.limit) };
  }

  @Endpoint(ROUTES.putSegment)
  putSegment(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.putSegment>,
  ): Promise<Answer<typeof ROUTES.putSegment>> {
    return this.files.putSegment(personOf(caller).person_id, params.file_id, params.ordinal, body);
  }

  @Endpoint(ROUTES.putPiece)
  putPiece(
    @CallerParam() caller: Caller,
    @Req() request: HeapRequest,
    @Input() { params, body }: InputOf<typeof ROUTES.putPiece>,
  ): Promise<Answer<typeof ROUTES.putPiece>> {
    return this.files.putPiece(personOf(caller).person_id, params, lengthOf(request), body);
  }

  @Endpoint(ROUTES.getPiece)
  async getPiece(
    @CallerParam() caller: Caller,
    @Input() { params }: InputOf<typeof ROUTES.getPiece>,
  ): Promise<Answer<typeof ROUTES.getPiece>> {
    const { bytes, stream } = await this.reading.read(personOf(caller).person_id, params.file_id, params.ordinal, params.index);
    return new StreamableFile(stream, { length: bytes });
  }

  @Endpoint(ROUTES.getFile)
  getFile(@Input() { params, query }: InputOf<typeof ROUTES.getFile>): Promise<Answer<typeof ROUTES.getFile>> {
    return this.files.get(params.file_id, query.from, query.limit);
  }

  @Endpoint(ROUTES.commitFile)
  commit(
    @CallerParam() caller: Caller,
    @Input() { params, query, body }: InputOf<typeof ROUTES.commitFile>,
  ): Promise<Answer<typeof ROUTES.commitFile>> {
    return this.files.commit(personOf(caller).person_id, params.file_id, body.segments, query.wait_ms);
  }

  @Endpoint(ROUTES.deleteFile)
  deleteFile(
    @CallerParam() caller: Caller,
    @Input() { params }: InputOf<typeof ROUTES.deleteFile>,
  ): Promise<Answer<typeof ROUTES.deleteFile>> {
    return this.files.delete(personOf(caller).person_id, params.file_id);
  }

  @Endpoint(ROUTES.putDirectory)
  putDirectory(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.putDirectory>,
  ): Promise<Answer<typeof ROUTES.putDirectory>> {
    return this.directories.put(personOf(caller).person_id, params.volume_id, params.directory_id, body.version, body.sealed);
  }

  @Endpoint(ROUTES.getDirectory)
  getDirectory(@Input() { params }: InputOf<typeof ROUTES.getDirectory>): Promise<Answer<typeof ROUTES.getDirectory>> {
    return this.directories.get(params.directory_id);
  }

  @Endpoint(ROUTES.getNodeStorage)
  nodeStorage(
    @CallerParam() caller: Caller,
    @Input() { params }: InputOf<typeof ROUTES.getNodeStorage>,
  ): Promise<Answer<typeof ROUTES.getNodeStorage>> {
    return this.health.ofNode(personOf(caller).person_id, params.node_id);
  }
}
