// Everything that is known of a job's log; all views of the job share it.
import { Downloads } from "./download";
import { Followers } from "./followers";
import type { Answer, Reader, Source } from "./kernel";
import { LogLines } from "./lines";

export class Log implements Reader {
  readonly lines: LogLines;
  readonly downloads: Downloads;
  readonly followers: Followers;

  private constructor(source: Source) {
    this.lines = new LogLines(source);
    this.downloads = new Downloads((request) => source.send(request));
    this.followers = new Followers((request) => source.send(request));
    for (const frame of source.unread) this.lines.push(frame);
    this.lines.grow(source.state.log_length);
  }

  /** Returns the log of a job. */
  static of(source: Source): Log {
    if (source.reader instanceof Log) return source.reader;
    const log = new Log(source);
    source.reader = log;
    return log;
  }

  begin(): void {
    this.lines.clear();
  }

  push(frame: Parameters<LogLines["push"]>[0]): void {
    this.lines.push(frame);
  }

  grow(length: number): void {
    this.lines.grow(length);
  }

  take(answer: Answer, buffers?: DataView[]): void {
    if (answer.type === "lines") this.lines.answered(answer);
    else if (answer.type === "found") this.lines.found(answer);
    else this.downloads.received(answer, buffers?.[0]);
  }

  dispose(): void {
    this.lines.dispose();
  }
}
