package com.mcpist.pair.control;

/**
 * A line of the supervisor, as JSON, that comes before its {@link Reply}.
 *
 * @param step what it does now, in plain words
 */
public record Step(String step) {}
