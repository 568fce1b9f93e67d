package com.mcpist.pair;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.platform.LocalImages;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** What image the build's origin is, found out while the database starts. */
record BuildDigest(FutureTask<ImageReference> task) {
  static BuildDigest begin(Path origin) {
    FutureTask<ImageReference> task = new FutureTask<>(() -> LocalImages.reference(origin));
    Thread.ofPlatform().daemon().name("digest").start(task);
    return new BuildDigest(task);
  }

  ImageReference await() throws PairException, InterruptedException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof PairException known) {
        throw known;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
