/**
 * Keeps stdout clean for the handshake line. This module acts when it is imported, against the habit of
 * this code base, because modules that print while they are loaded do so before any function of ours
 * can run: imported first, this one sends what they print to stderr, which hosts read as log. It acts
 * only below a host, and `servePlugin` takes stdout over from it. Hosts too old to list their versions name ports.
 */
import { writeRealStderr } from './real-streams.ts';
import { redirectWrite } from './redirect-write.ts';

const { PLUGIN_PROTOCOL_VERSIONS: versions, PLUGIN_MIN_PORT: port } = process.env;
if ((versions ?? port) !== undefined) redirectWrite(process.stdout, writeRealStderr);
