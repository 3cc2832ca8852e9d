// A host that supervises the plugin of its arguments, writes it down, says its pid and goes on until it is killed:
// `node supervising-host.ts REGISTRY SOCKET_ROOT COMMAND`.
import { OrphanRegistry, PluginSupervisor } from '@smtp-router/go-plugin/supervisor';
import { HANDSHAKE } from '../support/kit-contract.ts';

const [, , path = '', socketRoot = '', command = ''] = process.argv;
const supervisor = new PluginSupervisor<undefined>({
  name: 'left behind',
  launch: {
    name: 'left behind',
    command,
    handshake: HANDSHAKE,
    versions: [1],
    socketRoot,
    startTimeoutMs: 60_000,
  },
  open: async () => undefined,
  onEvent: () => undefined,
  callTimeoutMs: 60_000,
  maxInFlight: 1,
  registry: new OrphanRegistry({ path, onError: (error) => console.error(error.message) }),
});
await supervisor.start();
console.log(supervisor.status().pid);
