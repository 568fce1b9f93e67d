package com.mcpist.pair.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresBinariesTest {
  @Test
  void twoThatUnpackAtOnceHaveTheSame(@TempDir Path cache) throws Exception {
    Callable<PostgresBinaries> unpack = () -> PostgresBinaries.find(cache);
    try (ExecutorService both = Executors.newFixedThreadPool(2)) {
      List<Future<PostgresBinaries>> unpacked = both.invokeAll(List.of(unpack, unpack));
      assertThat(unpacked.getFirst().get()).isEqualTo(unpacked.getLast().get());
      assertThat(unpacked.getFirst().get().home().resolve("bin/postgres")).isExecutable();
    }
    try (Stream<Path> left = Files.list(cache)) {
      assertThat(left).hasSize(1);
    }
  }
}
