package com.mcpist.deploy.config;

import com.mcpist.deploy.image.ImageReference;
import java.util.Map;
import java.util.Optional;

/**
 * One origin.
 *
 * @param name lower-case letters, digits and hyphens
 * @param hosting who runs it in production
 * @param image the repository that its platform pulls from, where that is not the deployment's
 * @param url where it answers in production, without a path; a pair on one machine has its own
 * @param env environment variables that only this origin has; never a secret
 */
public record Origin(
    String name,
    Hosting hosting,
    Optional<ImageReference> image,
    Optional<String> url,
    Map<String, String> env) {}
