/** Pause, unpause and stop, from outside the loop. Cancelling at once is the `AbortSignal`'s business. */
export class TrainControl {
  private waiting: (() => void)[] = [];
  private isPaused = false;
  private isStopping = false;

  get paused(): boolean {
    return this.isPaused;
  }
  get stopping(): boolean {
    return this.isStopping;
  }

  pause(): void {
    this.isPaused = true;
  }

  unpause(): void {
    this.isPaused = false;
    for (const go of this.waiting.splice(0)) go();
  }

  /** The loop finishes its step, offers a checkpoint, and ends. */
  stop(): void {
    this.isStopping = true;
    this.unpause();
  }

  /** Resolves when it is not paused (any more), or when the signal aborts. */
  async whenUnpaused(signal?: AbortSignal): Promise<void> {
    while (this.isPaused && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
        signal?.addEventListener('abort', resolve, { once: true });
      });
    }
  }
}
