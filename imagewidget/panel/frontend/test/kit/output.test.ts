// @vitest-environment happy-dom
import { expect, it, vi } from "vitest";
import { saveAs } from "../../src/kit/output";

it("downloads a file under its name, and keeps neither the link nor the file", async () => {
  vi.useFakeTimers();
  const make = vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:log");
  const revoke = vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
  const clicked: string[] = [];
  const click = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    clicked.push(`${this.isConnected} ${this.download} ${this.href}`);
  });
  const file = new Blob(["line"]);
  saveAs(file, "env.log");
  expect(make).toHaveBeenCalledWith(file);
  expect(clicked).toEqual(["true env.log blob:log"]);
  expect(document.querySelector("a")).toBeNull();
  expect(revoke).not.toHaveBeenCalled(); // the browser may still be reading it
  vi.advanceTimersByTime(10_000);
  expect(revoke).toHaveBeenCalledWith("blob:log");
  for (const spy of [make, revoke, click]) spy.mockRestore();
  vi.useRealTimers();
});
