import { createServer, type RequestListener, type Server } from 'node:http';

/** The admin listener; `server` is told from the host's own by identity. */
export interface AdminListener {
  readonly server: Server;
  /** Starts to listen, once. */
  open(): void;
  close(): void;
}

/**
 * An HTTP listener that holds no event loop open: neither it nor its connections keep a
 * process alive. A port that cannot be had is a problem to report, never a failure.
 */
export function createAdminListener(options: {
  readonly host: string;
  readonly port: number;
  readonly handle: RequestListener;
  readonly onListening: (url: string) => void;
  readonly onProblem: (problem: string) => void;
}): AdminListener {
  const { host, port, handle, onListening, onProblem } = options;
  const server = createServer(handle);
  let opened = false;
  server.on('connection', (socket) => socket.unref());
  server.on('error', (error) => {
    onProblem(
      `the admin listener cannot listen on ${host}:${port} (${error.message}); ` +
        'set OTEL_EXPORTER_PROMETHEUS_HOST or OTEL_EXPORTER_PROMETHEUS_PORT to another',
    );
  });
  server.on('listening', () => {
    const address = server.address();
    if (typeof address === 'object' && address !== null) {
      onListening(`http://${host.includes(':') ? `[${host}]` : host}:${address.port}`);
    }
  });
  return {
    server,
    open() {
      if (opened) return;
      opened = true;
      // Of a cluster's workers each has a listener of its own, or none.
      server.listen({ host, port, exclusive: true });
      server.unref();
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
