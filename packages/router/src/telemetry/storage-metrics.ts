import { Counter, Gauge, type Registry } from 'prom-client';

/** What is asked about message bodies when the metrics are read. */
export interface StorageUse {
  readonly budget: { readonly usedBytes: number; readonly limitBytes: number; readonly waiting: number };
  readonly files: { readonly storedBytes: number; readonly open: number; readonly created: number };
}

/** Memory and temporary files of messages, looked at when somebody asks: nothing is counted per message. */
export function watchStorage(registry: Registry, { budget, files }: StorageUse): void {
  const watch = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `smtp_router_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  watch('message_memory_bytes', 'Memory used by messages under way.', () => budget.usedBytes);
  watch('message_memory_limit_bytes', 'limits.memory_for_messages.', () => budget.limitBytes);
  watch(
    'message_memory_waiting',
    'Clients that wait for memory before they are read on.',
    () => budget.waiting,
  );
  watch('message_file_bytes', 'Bytes of messages under way in temporary files.', () => files.storedBytes);
  watch('message_files', 'Temporary files of messages under way.', () => files.open);
  new Counter({
    name: 'smtp_router_message_files_total',
    help: 'Messages that went to a temporary file since the start.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(files.created);
    },
  });
}
