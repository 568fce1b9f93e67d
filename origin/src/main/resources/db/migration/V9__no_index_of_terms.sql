insert into schema_compatibility values (9, 2);

-- All that still asked it asks memory_with_terms now. Alone, since nobody reads memories while it is dropped.
drop index memory_terms;
