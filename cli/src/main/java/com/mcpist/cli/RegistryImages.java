package com.mcpist.cli;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.image.Registries;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.time.Duration;
import java.util.Optional;

/** Images in registries: a tag is resolved to its digest once, for all origins. */
record RegistryImages(Deployment deployment, Registries registries) implements Images {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @Override
  public Chosen choose(Optional<String> named) throws Exception {
    ImageReference image =
        named.isPresent()
            ? parsed(named.get())
            : deployment
                .image()
                .orElseThrow(
                    () -> Failure.usage("mcpist.yml names no image: give one by --image."));
    ImageReference resolved = registries.resolve(image, Deadline.in(LIMIT, Time.system()));
    String digest = ImageReference.brief(resolved.digest().orElseThrow());
    return new Chosen(resolved, image.tag().map(tag -> tag + "-" + digest).orElse(digest));
  }

  private static ImageReference parsed(String text) throws Failure {
    try {
      return ImageReference.parse(text);
    } catch (IllegalArgumentException e) {
      throw Failure.usage("--image: " + e.getMessage() + ".");
    }
  }
}
