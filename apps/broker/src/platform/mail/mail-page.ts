import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { MailCatcher } from './mail-catcher.js';

const LOOPBACK_HOST = /^(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?$/;
const LOOPBACK_PEER = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** `/dev/mail`: what a local heap would have sent. For this machine alone: not for what a proxy lets in, nor for another site's name. */
export function mountMailPage(fastify: FastifyInstance, catcher: MailCatcher): void {
  fastify.get('/dev/mail', async (request, reply) => {
    if (!isHere(request)) return absent(reply);
    const mails = await Promise.all((await catcher.list()).map(async (name) => ({ name, mail: await catcher.read(name) })));
    const rows = mails.map(
      ({ name, mail }) =>
        `<li><a href="/dev/mail/${name}">${escaped(mail?.subject ?? '')}</a> to ${escaped(mail?.to?.map((to) => to.address).join(', ') ?? '')}, ${escaped(mail?.date ?? '')}</li>`,
    );
    const list = rows.length === 0 ? '<p>No mail yet: it appears here as soon as the heap sends some.</p>' : `<ul>${rows.join('')}</ul>`;
    return page(reply, 'Mail of this heap', list);
  });
  fastify.get<{ Params: { name: string } }>('/dev/mail/:name', async (request, reply) => {
    const mail = isHere(request) ? await catcher.read(request.params.name) : null;
    if (mail === null) return absent(reply);
    return page(reply, mail.subject ?? '', `<p><a href="/dev/mail">All mail</a></p><pre>${linked(mail.text ?? '')}</pre>`);
  });
}

const isHere = ({ raw, headers }: FastifyRequest): boolean =>
  LOOPBACK_PEER.has(raw.socket.remoteAddress ?? '') &&
  LOOPBACK_HOST.test(headers.host ?? '') &&
  headers['x-forwarded-for'] === undefined &&
  headers.forwarded === undefined;

const absent = (reply: FastifyReply): FastifyReply => reply.callNotFound() ?? reply;

const page = (reply: FastifyReply, title: string, body: string): FastifyReply =>
  reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(`<!doctype html><html lang="en"><title>${escaped(title)}</title><h1>${escaped(title)}</h1>${body}</html>`);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
const linked = (text: string): string => escaped(text).replace(/https?:\/\/[^\s<>"']+/g, (url) => `<a href="${url}">${url}</a>`);
