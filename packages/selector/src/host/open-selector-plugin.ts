/** From a launched plugin to one that can be asked, by the generation it negotiated. */
import { type DispensingConnection, overNetRpc, type PluginHost } from '@smtp-router/go-plugin/host';
import { SelectorError } from '../errors.ts';
import { SELECTOR_PLUGIN_KEY, SELECTOR_VERSION_2 } from '../wire/index.ts';
import { NetRpcExchange } from './net-rpc-exchange.ts';
import { type SelectorPlugin, type SelectorPluginOptions, SelectorPluginV1 } from './selector-plugin.ts';
import { openSelectorPluginV2 } from './selector-plugin-v2.ts';

/** What `openSelectorPlugin` needs of a launched plugin. */
export type DispensingPlugin = Pick<PluginHost, 'appVersion'> & {
  readonly connection: DispensingConnection;
};

/**
 * Dispenses the selector of a launched plugin; kept for the life of the process. One of generation 2 is
 * asked to describe itself and handed its configuration.
 *
 * Rejects with `PluginError` when the plugin serves no `selector`, does not answer in time, answers an
 * error, or serves generation 1 over gRPC; with `SelectorError` SELECTOR_CONFIG_REFUSED, SELECTOR_CONFIG_UNSUPPORTED, SELECTOR_REPLY_SHAPE or
 * SELECTOR_REPLY_TOO_LONG.
 */
export async function openSelectorPlugin(
  plugin: DispensingPlugin,
  options: SelectorPluginOptions,
): Promise<SelectorPlugin> {
  const isV2 = plugin.appVersion === SELECTOR_VERSION_2;
  if (!isV2 && options.settings !== undefined && options.settings.json !== '') {
    throw new SelectorError(
      'SELECTOR_CONFIG_UNSUPPORTED',
      `${options.settings.locate('')}: plugin "${options.name}" speaks generation 1 of the selector contract, which takes no config; remove it, or build the plugin for generation 2`,
    );
  }
  options.onStep?.('dispense');
  if (isV2 && plugin.connection.protocol === 'grpc') {
    const { GrpcExchange } = await import('./grpc-exchange.ts');
    return openSelectorPluginV2(new GrpcExchange(plugin.connection.dispense(), options.name), options);
  }
  const channel = await overNetRpc(plugin.connection).dispense(SELECTOR_PLUGIN_KEY, {
    timeoutMs: options.dispenseTimeoutMs,
  });
  if (!isV2) return new SelectorPluginV1(channel, options);
  return openSelectorPluginV2(new NetRpcExchange(channel, options.name), options);
}
