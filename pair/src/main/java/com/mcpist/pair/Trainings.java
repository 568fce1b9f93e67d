package com.mcpist.pair;

import com.mcpist.pair.data.PairException;
import com.mcpist.pair.rollout.OriginRelease;
import com.mcpist.pair.startup.AotTraining;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the AOT caches of what has been rolled out, one after the other, in the background. */
final class Trainings {
  private static final Logger LOG = LoggerFactory.getLogger(Trainings.class);
  private static final long END_SECONDS = 30;

  private final Trainees trainees;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("training").factory());

  Trainings(Trainees trainees) {
    this.trainees = trainees;
  }

  /** The programs start faster from the next start on. */
  void begin(OriginRelease release) {
    try {
      AotTraining training = trainees.training(release);
      thread.execute(training::run);
    } catch (PairException e) {
      LOG.info("No AOT cache is made: {}", e.getMessage());
    } catch (RejectedExecutionException e) {
      LOG.debug("the pair stops", e);
    }
  }

  /** Ends what is under way; then no process of it is left. */
  void stop() throws InterruptedException {
    thread.shutdownNow();
    if (!thread.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
      LOG.warn("a training does not end");
    }
  }
}
