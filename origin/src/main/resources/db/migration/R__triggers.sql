-- The tables whose rows count for what their user may store: after the functions, and in a file of its own, since it locks and reads them.
select stored_triggers('memory'), stored_triggers('memory_history'), stored_triggers('tool_call');
