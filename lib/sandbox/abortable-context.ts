import type { SandboxContext } from './context.ts';

interface Client {
  send(command: object, options: { readonly abortSignal: AbortSignal }): Promise<unknown>;
}

/** A context whose AWS requests all end when the signal aborts, also those of functions that know of no signal. */
export function abortableContext(context: SandboxContext, abortSignal: AbortSignal): SandboxContext {
  return {
    ...context,
    client: (type) => {
      const client = context.client(type);
      const send: Client['send'] = (command) => (client as Client).send(command, { abortSignal });
      return Object.create(client as object, { send: { value: send } });
    },
  };
}
