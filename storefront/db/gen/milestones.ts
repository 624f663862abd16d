import type { Ctx } from "millrace/context";
import type { Querier } from "millrace/sql";

export interface ReachMilestoneArgs {
  readonly name: string;
}

/** 1: it was reached now; 0: it was before. */
export function reachMilestone(ctx: Ctx, db: Querier, args: ReachMilestoneArgs): Promise<number> {
  return db.exec(
    ctx,
    `-- name: ReachMilestone
insert into milestones (name, reached_at) values ($1, now()) on conflict (name) do nothing`,
    [args.name],
  );
}
