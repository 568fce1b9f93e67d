package com.mcpist.pair.control;

import org.jspecify.annotations.Nullable;

/**
 * One line to the supervisor, as JSON.
 *
 * @param command status, stop, drain, undrain or database
 * @param origin with drain and undrain
 */
public record Request(String command, @Nullable String origin) {}
