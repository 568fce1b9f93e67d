package com.mcpist.pair.control;

import org.jspecify.annotations.Nullable;

/**
 * One line to the supervisor, as JSON.
 *
 * @param command status, stop, drain, undrain, restart or database
 * @param origin with drain, undrain and restart; "edge" too with restart
 */
public record Request(String command, @Nullable String origin) {}
