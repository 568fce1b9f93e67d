package com.mcpist.origin.memory;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import com.mcpist.origin.memory.MemoryStore.Memory;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Stores memories as the module does, without counting them for their users. What finds words is
 * indexed at the end, which takes a part of the time.
 */
public final class ManyMemories implements AutoCloseable {
  private final TimeBasedEpochGenerator ids = Generators.timeBasedEpochGenerator();
  private final Handle handle;
  private final List<String> indexes;

  public ManyMemories(DataSource database) {
    handle = Jdbi.create(database).open();
    handle.begin();
    handle.execute("set local session_replication_role = replica"); // No triggers.
    String gin = "from pg_indexes where tablename = 'memory' and indexdef like '% USING gin %'";
    indexes = handle.select("select indexdef " + gin).mapTo(String.class).list();
    handle
        .select("select indexname " + gin)
        .mapTo(String.class)
        .list()
        .forEach(name -> handle.execute("drop index " + name));
  }

  public void add(String user, String title, String text, Instant at) {
    UUID id = ids.construct(at.toEpochMilli());
    new MemoryStore(handle, user).insert(new Memory(id, title, text, List.of(), at, at));
  }

  @Override
  public void close() {
    indexes.forEach(handle::execute);
    handle.commit();
    handle.close();
  }
}
