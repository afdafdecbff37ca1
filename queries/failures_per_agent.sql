-- How many calls did each agent fail?
-- Failed, busy or not answered, out of all calls but the running ones. Calls that tell no agent are left out.
select
    provider,
    account,
    coalesce(agent_id, agent_name) as agent,
    (array_agg(agent_name order by started_at desc nulls last) filter (where agent_name is not null))[1] as latest_name,
    count(*) as calls,
    count(*) filter (where status = 'failed') as failed,
    count(*) filter (where status = 'busy') as busy,
    count(*) filter (where status = 'no_answer') as no_answer,
    cast(
        100.0 * count(*) filter (where status in ('failed', 'busy', 'no_answer')) / count(*) as decimal(5, 1)
    ) as failed_percent
from calls
where coalesce(agent_id, agent_name) is not null and status <> 'in_progress'
group by 1, 2, 3
order by failed_percent desc, calls desc, provider, account, agent
