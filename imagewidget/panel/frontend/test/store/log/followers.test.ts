import { expect, it } from "vitest";
import { Followers } from "../../../src/store/log/followers";
import type { Request } from "../../../src/wire";

it("follows the log while any view shows its end", () => {
  const sent: Request[] = [];
  const followers = new Followers((request) => sent.push(request));
  const [one, two] = [{}, {}];
  followers.set(one, true);
  followers.set(two, true);
  followers.set(one, false);
  followers.set(two, false);
  followers.set(two, false);
  expect(sent.map((request) => "on" in request && request.on)).toEqual([true, false]);
});
