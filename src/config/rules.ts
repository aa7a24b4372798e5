/** What to make of a child process, a worker thread or a WASI start. The first match wins. */
export interface ProcessRule {
  /** Any when absent. */
  readonly kind?: 'process' | 'worker' | 'wasi';
  /**
   * Glob on the base name or the whole path of what is started: a program, a worker's file,
   * or the first word of a shell command.
   */
  readonly command?: string;
  /** Glob on the arguments, joined by a space; any when absent. */
  readonly args?: string;
  readonly as: 'exec' | 'sandbox' | 'ignore';
  /** Whether no trace context goes into its environment. */
  readonly untrusted?: boolean;
}

/** What to make of a container. The first match wins; a container is a sandbox otherwise. */
export interface ContainerRule {
  /** Glob on the image's name. */
  readonly image?: string;
  /** Glob on the container's name. */
  readonly name?: string;
  /** `key` or `key=value`. */
  readonly label?: string;
  readonly as: 'sandbox' | 'ignore';
}
