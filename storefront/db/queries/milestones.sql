-- name: ReachMilestone :execrows
-- 1: it was reached now; 0: it was before.
insert into milestones (name, reached_at) values (@name, now()) on conflict (name) do nothing;
