import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
  type Resource,
} from '@opentelemetry/resources';
import { SCOPE_NAME } from '../catalog/instruments.js';

/**
 * What describes this process in every signal, with what the environment says of it. It has
 * an instance id of its own: without one, the sums of two are one series in a Collector.
 */
export function createResource(): Resource {
  return defaultResource()
    .merge(resourceFromAttributes({ 'telemetry.distro.name': SCOPE_NAME }))
    .merge(detectResources({ detectors: [serviceInstanceIdDetector, envDetector] }));
}
