/** The run that this window trains, or trained last, for whoever looks at its weights: `run:ID@live` is the model as it is now. */
import * as vscode from 'vscode';

export interface TrainedRun {
  readonly run: string;
  readonly name: string;
  /** Of the weights that can be looked at: those of the last evaluation. */
  readonly step: number;
  readonly training: boolean;
}

export class TrainingRun implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** Other weights, another run, or none. */
  readonly onDidChange = this.changed.event;
  current: TrainedRun | null = null;

  set(run: TrainedRun | null): void {
    this.current = run;
    this.changed.fire();
  }

  dispose(): void {
    this.changed.dispose();
  }
}
