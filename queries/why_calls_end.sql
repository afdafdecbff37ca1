-- Why do calls end, and who ends them?
-- All calls but the running ones. Unknown are those whose provider does not tell.
select
    end_reason,
    ended_by,
    count(*) as calls,
    cast(100.0 * count(*) / sum(count(*)) over () as decimal(5, 1)) as percent,
    count(distinct provider) as providers,
    cast(sum(duration_seconds) / 60.0 as decimal(18, 1)) as minutes
from calls
where status <> 'in_progress'
group by 1, 2
order by calls desc, end_reason, ended_by
