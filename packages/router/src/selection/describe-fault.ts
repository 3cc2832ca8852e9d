/** A fault of a plugin in words for the log. */
import { GO_PLUGIN_ERRORS, type PluginError } from '@smtp-router/go-plugin/errors';

/** What went wrong, naming the plugin. */
export function describeFault(plugin: string, fault: unknown): string {
  const message = fault instanceof Error ? fault.message : 'an unknown fault';
  return message.includes(`"${plugin}"`) ? message : `Plugin "${plugin}": ${message}`;
}

/** What went wrong and what to do: the catalogue's remedy, unless the message brings its own. */
export function describeFaultAndRemedy(plugin: string, fault: PluginError): string {
  const description = describeFault(plugin, fault);
  return bringsAdvice(fault.message) ? description : `${description} ${GO_PLUGIN_ERRORS[fault.code].remedy}`;
}

/** Messages of this kind are written `what happened; what to do.`; what follows is what the plugin said last. */
function bringsAdvice(message: string): boolean {
  const [sentence = ''] = message.split('. ');
  return sentence.includes('; ');
}
