import { Injectable } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { CLOSE, COMMITS, SOCKET_LIMITS } from '#protocol';
import { GatewaysCommands } from '../nodes/gateways.commands.js';
import { NodesCommands } from '../nodes/nodes.commands.js';
import { NodesQuery } from '../nodes/nodes.query.js';
import { verifyDevice } from '../platform/device-signature.js';
import { HeapKey } from '../platform/heap-key.js';
import { Paced } from '../platform/paced.js';
import { ClustersCommands } from '../verification/clusters.commands.js';
import { Frames } from './frames.service.js';
import { type Introduction, Refusal } from './handshake.js';
import { LeaseKeeper } from './lease-keeper.service.js';
import { NodeSession } from './node-session.js';
import { Sessions } from './sessions.js';

const MIN_AGENT_VERSION = '0.1.0';
/** Of each turn of the event loop, for signatures: a crowd at the door must not keep those inside waiting. */
const PROOFS_MS = 4;

/** Lets nodes in: a session that is still remembered goes on, any other begins; either way older connections of the node are fenced. */
@Injectable()
export class Admission {
  private readonly proofs = new Paced(PROOFS_MS);

  constructor(
    private readonly sessions: Sessions,
    private readonly frames: Frames,
    private readonly keeper: LeaseKeeper,
    private readonly nodes: NodesQuery,
    private readonly commands: NodesCommands,
    private readonly gateways: GatewaysCommands,
    private readonly clusters: ClustersCommands,
    private readonly key: HeapKey,
  ) {}

  /** @throws Refusal */
  async admit(socket: WebSocket, { address, hello, isSignedBy }: Introduction): Promise<NodeSession> {
    // What a device is known by never changes; whether it may still come in says the statement that opens its session.
    const node = this.sessions.resumable(hello.node_id, hello.resume)?.node ?? (await this.nodes.byId(hello.node_id));
    if (
      !node ||
      hello.algorithm !== node.key_algorithm ||
      !(await this.proofs.run(() => isSignedBy(node.public_key, (...signed) => verifyDevice(hello.algorithm, ...signed))))
    )
      throw new Refusal(CLOSE.unauthenticated, 'The signature is not that of an enrolled device.');
    // A handshake that the node gave up on must not fence the one it has begun since.
    if (socket.readyState !== socket.OPEN) throw new Refusal(CLOSE.gap, 'The node closed the connection.');
    const resumes = this.sessions.resumable(node.id, hello.resume) !== undefined;
    const commits = hello.speaks?.includes(COMMITS) ?? false;
    const session_epoch = await this.commands.openSession({
      ...{ node_id: node.id, agent_version: hello.agent_version, gateway_id: this.gateways.id, resumes, commits },
    });
    if (session_epoch === null) throw new Refusal(CLOSE.revoked, 'This device was taken out of the heap.');
    this.clusters.seen(node.owner_id, address);
    const earlier = this.sessions.of(node.id);
    if (earlier && earlier.session_epoch > session_epoch) throw new Refusal(CLOSE.replaced, 'A newer connection of this device took over.');
    const h = hello.resume?.h ?? 0;
    const old_socket = earlier?.socket;
    if (
      earlier &&
      this.sessions.resumable(node.id, hello.resume) === earlier &&
      earlier.resume(socket, session_epoch, h, performance.now())
    ) {
      earlier.takes_commits = commits;
      old_socket?.close(CLOSE.replaced, 'The session goes on over another connection.');
      this.begin(earlier, socket, true);
      return earlier;
    }
    const session = new NodeSession(socket, node, session_epoch, performance.now());
    session.takes_commits = commits;
    this.sessions.add(session)?.end(CLOSE.replaced, 'replaced', 'A newer connection of this device took over.', 'owner');
    this.keeper.setHeartbeat(session, false);
    this.begin(session, socket, false);
    return session;
  }

  private begin(session: NodeSession, socket: WebSocket, resumed: boolean): void {
    this.frames.listen(session, socket);
    session.send('welcome', {
      sid: session.sid,
      resumed,
      h: session.channel.highest_received,
      session_epoch: session.session_epoch,
      heartbeat_ms: session.heartbeat_ms,
      min_agent_version: MIN_AGENT_VERSION,
      token: this.key.nodeToken(session.node.id, session.session_epoch),
      limits: {
        frame_bytes: SOCKET_LIMITS.frame_bytes,
        inline_bytes: SOCKET_LIMITS.inline_bytes,
        window_messages: SOCKET_LIMITS.window_messages,
        window_bytes: SOCKET_LIMITS.window_bytes,
      },
    });
    // After the welcome, in order, what the node has not heard.
    session.pump();
  }
}
