-- The tables whose rows count for what their user may store. After the functions, since repeatable migrations run in the order of their
-- names; in a file of its own, since it locks these tables for a moment.
select stored_triggers('memory'), stored_triggers('tool_call');
