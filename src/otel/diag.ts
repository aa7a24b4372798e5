import { DiagLogLevel, type DiagLogger } from '@opentelemetry/api';
import type { OtelLogLevel } from '../config/config.js';
import { apiGlobals, loadedApis } from './api-globals.js';

/**
 * Passes on what OpenTelemetry reports, unless the host listens already. The stock console
 * logger would write some of it to standard output, which is the host's.
 */
export function followDiag(options: {
  level: OtelLogLevel;
  write: (level: 'error' | 'warn' | 'info' | 'debug', message: string) => void;
}): void {
  const [api] = loadedApis();
  if (api === undefined || apiGlobals().diag !== undefined) return;
  const pass =
    (level: Parameters<typeof options.write>[0]) =>
    (...parts: unknown[]): void => {
      options.write(level, parts.map(String).join(' '));
    };
  const logger: DiagLogger = {
    error: pass('error'),
    warn: pass('warn'),
    info: pass('info'),
    debug: pass('debug'),
    verbose: pass('debug'),
  };
  api.diag.setLogger(logger, {
    logLevel: DiagLogLevel[options.level],
    suppressOverrideMessage: true,
  });
}
