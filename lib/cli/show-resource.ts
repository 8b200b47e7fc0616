import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { Terminal } from './terminal.ts';

/** Says on stderr how one resource of a stack ended. */
export function showResource(terminal: Terminal, event: StackEvent, startedAt: number): void {
  const { LogicalResourceId = '', ResourceType = '', ResourceStatus = '', ResourceStatusReason } = event;
  if (event.PhysicalResourceId === event.StackId || /_IN_PROGRESS$/.test(ResourceStatus)) return;
  const failed = /_FAILED$/.test(ResourceStatus);
  const mark = failed ? terminal.style('red', '✗', 'stderr') : terminal.style('green', '✓', 'stderr');
  const what = ResourceStatus.startsWith('DELETE') ? `removed ${LogicalResourceId}` : LogicalResourceId;
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  terminal.progress(
    `  ${mark} ${what} (${ResourceType}) ${seconds}s${failed ? `: ${ResourceStatusReason ?? ''}` : ''}`,
  );
}
