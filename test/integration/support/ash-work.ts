/** A known piece of work for the Ash example, and what its client saw of it. */
export interface AshWork {
  readonly warm: number;
  readonly cold: number;
  /** The ids of the two sessions. */
  readonly sessions: readonly [string, string];
  readonly messages: readonly {
    readonly session: string;
    readonly sleepMs: number;
    /** From the request to the first event after `session_start`, as the client saw it. */
    readonly firstEventMs: number;
    /** All events, `session_start` and `done` included. */
    readonly eventCount: number;
  }[];
}

export const AGENT = 'my-agent';

/** Two sessions, three messages, one warm resume, two cold ones; nothing at the same time. */
export async function workAsh(url: string): Promise<AshWork> {
  const post = (path: string, body?: object): Promise<Response> =>
    fetch(`${url}/api/sessions${path}`, {
      method: 'POST',
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const create = async (): Promise<string> => {
    const answer = await post('', { agent: AGENT });
    return ((await answer.json()) as { session: { id: string } }).session.id;
  };
  const say = async (session: string, sleepMs: number): Promise<AshWork['messages'][number]> => {
    const startedAt = performance.now();
    const answer = await post(`/${session}/messages`, { content: `sleep:${sleepMs} to be or not` });
    let firstEventMs = 0;
    let text = '';
    for await (const bytes of answer.body ?? []) {
      text += Buffer.from(bytes as Uint8Array).toString();
      if (firstEventMs === 0 && text.includes('event: message')) {
        firstEventMs = performance.now() - startedAt;
      }
    }
    const eventCount = text.split('event: ').length - 1;
    return { session, sleepMs, firstEventMs, eventCount };
  };
  const first = await create();
  const second = await create();
  const messages = [await say(first, 600), await say(second, 100), await say(first, 50)];
  await post(`/${first}/pause`);
  await post(`/${first}/resume`);
  for (let i = 0; i < 2; i++) {
    await post(`/${second}/stop`);
    await post(`/${second}/resume`);
  }
  return { warm: 1, cold: 2, sessions: [first, second], messages };
}
