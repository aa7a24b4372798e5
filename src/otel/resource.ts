import type { Resource } from '@opentelemetry/resources';
import { SCOPE_NAME } from '../catalog/instruments.js';
import { loadSdk } from './bundled.js';

/**
 * What describes this process in every signal, with what the environment says of it. It has
 * an instance id of its own: without one, the sums of two are one series in a Collector.
 */
export function createResource(): Resource {
  const sdk = loadSdk();
  const { serviceInstanceIdDetector, envDetector } = sdk;
  return sdk
    .defaultResource()
    .merge(sdk.resourceFromAttributes({ 'telemetry.distro.name': SCOPE_NAME }))
    .merge(sdk.detectResources({ detectors: [serviceInstanceIdDetector, envDetector] }));
}
