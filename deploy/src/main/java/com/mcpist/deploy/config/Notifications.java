package com.mcpist.deploy.config;

import java.util.Optional;

/**
 * Who hears of a failure and of a recovery.
 *
 * @param webhook the name of the environment variable with the address of a Slack-compatible
 *     webhook; the address is a secret
 */
public record Notifications(Optional<String> webhook) {}
