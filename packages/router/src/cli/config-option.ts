/** `-c FILE`: which configuration a command is about. */
import { Option } from 'commander';

/** Used when neither -c nor SMTP_ROUTER_CONFIG names one. */
const DEFAULT_FILE = 'config.yaml';

/** The option of every command that concerns a router. */
export function configOption(): Option {
  return new Option('-c, --config <file>', 'configuration file')
    .env('SMTP_ROUTER_CONFIG')
    .default(DEFAULT_FILE);
}
