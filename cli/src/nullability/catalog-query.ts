/**
 * CATALOG_QUERY reads a database's catalog as one JSON document: a Catalog, and the queries of its views.
 *
 * A column's NOT NULL counts when it holds for every row: not while it is NOT VALID, not when a table that inherits has
 * none, not of a foreign table, where nobody enforces it. A domain's NOT NULL does not count: the empty result of a
 * scalar subquery gets past it (CREATE DOMAIN, "Notes"). citext and pgcrypto are known to bring nothing that is null
 * for what is not.
 */
export const CATALOG_QUERY = `
with recursive foreign_namespace as (
  select oid, nspname from pg_namespace
  where nspname not in ('pg_catalog', 'information_schema') and nspname !~ '^pg_(toast|temp)'
), type(oid, name) as (
  select t.oid, case n.nspname when 'pg_catalog' then '' else n.nspname || '.' end || t.typname
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
), heir(root, oid) as (
  select inhparent, inhrelid from pg_inherits
  union
  select h.root, i.inhrelid from heir h join pg_inherits i on i.inhparent = h.oid
), trusted(class, oid) as (
  select d.classid, d.objid from pg_depend d join pg_extension e on d.refobjid = e.oid
  where d.refclassid = 'pg_extension'::regclass and d.deptype = 'e' and e.extname in ('citext', 'pgcrypto')
), attribute as (
  select a.attrelid, a.attnum, jsonb_build_object('name', a.attname, 'type', t.name, 'notNull',
    a.attnotnull and c.relkind in ('r', 'p')
    and not exists (select from pg_constraint k where k.conrelid = a.attrelid and k.contype = 'n'
      and not k.convalidated and k.conkey[1] = a.attnum)
    and not exists (select from heir h join pg_attribute b on b.attrelid = h.oid
      where h.root = a.attrelid and b.attname = a.attname and not b.attnotnull)) as doc
  from foreign_namespace n join pg_class c on c.relnamespace = n.oid join pg_attribute a on a.attrelid = c.oid
  join type t on t.oid = a.atttypid
  where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
), relation as (
  select jsonb_build_object('schema', n.nspname, 'name', c.relname, 'table', c.relkind in ('r', 'p'),
    'stored', c.relkind = 'm', 'view', case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
    'columns', coalesce((select jsonb_agg(a.doc order by a.attnum) from attribute a where a.attrelid = c.oid), '[]')) as doc
  from pg_class c join foreign_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'f')
), function as (
  select jsonb_build_object('schema', n.nspname, 'name', p.proname, 'columns', case
    when p.proallargtypes is not null and p.proargmodes && '{o,b,t}' then (
      select jsonb_agg(jsonb_build_object('name', coalesce(nullif(o.name, ''), 'column' || o.position), 'type', o.type,
        'notNull', false) order by o.position)
      from (select p.proargnames[i] as name, t.name as type, row_number() over (order by i) as position
        from generate_subscripts(p.proallargtypes, 1) i join type t on t.oid = p.proallargtypes[i]
        where p.proargmodes[i] in ('o', 'b', 't')) o)
    when r.typtype = 'c' then (
      select jsonb_agg(a.doc || '{"notNull": false}' order by a.attnum) from attribute a where a.attrelid = r.typrelid)
    end) as doc
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_type r on r.oid = p.prorettype
  where case when n.nspname = 'pg_catalog' then p.proretset and p.proname !~ '^pg_'
      and not exists (select from pg_proc q where q.proname = p.proname and q.pronamespace = p.pronamespace
        and q.proargmodes is null)
    else p.prokind <> 'p' and p.pronamespace in (select oid from foreign_namespace)
      and ('pg_proc'::regclass, p.oid) not in (select class, oid from trusted) end
)
select jsonb_build_object(
  'searchPath', to_jsonb(current_schemas(false)),
  'relations', coalesce((select jsonb_agg(doc) from relation), '[]'),
  'functions', coalesce((select jsonb_agg(doc) from function), '[]'),
  'operators', coalesce((select jsonb_agg(distinct jsonb_build_object('name', o.oprname, 'left', coalesce(l.name, ''),
      'right', r.name))
    from pg_operator o join foreign_namespace n on n.oid = o.oprnamespace
    left join type l on l.oid = o.oprleft join type r on r.oid = o.oprright
    where ('pg_operator'::regclass, o.oid) not in (select class, oid from trusted)), '[]'),
  'casts', coalesce((select jsonb_agg(distinct regexp_replace(t.name, '^.*[.]', ''))
    from pg_cast c join pg_proc p on p.oid = c.castfunc join foreign_namespace n on n.oid = p.pronamespace
    join type t on t.oid = c.casttarget
    where ('pg_cast'::regclass, c.oid) not in (select class, oid from trusted)), '[]'),
  'domains', coalesce((select jsonb_object_agg(d.name, below.name)
    from pg_type t join type d on d.oid = t.oid join type below on below.oid = t.typbasetype
    where t.typtype = 'd'), '{}'))::text as catalog`;
