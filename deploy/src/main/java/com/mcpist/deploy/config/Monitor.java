package com.mcpist.deploy.config;

import java.time.Duration;

/**
 * How an origin's health is asked for and judged.
 *
 * @param path what is asked of each origin, by GET
 * @param interval from one question to the next
 * @param timeout how long an answer may take
 * @param retries further attempts before a question counts as failed
 * @param consecutiveDown failed questions in a row that make an origin unhealthy
 * @param consecutiveUp good answers in a row that make it healthy
 * @param expectedBody what the answer's body must contain
 * @param expectedCode the answer's HTTP status
 */
public record Monitor(
    String path,
    Duration interval,
    Duration timeout,
    int retries,
    int consecutiveDown,
    int consecutiveUp,
    String expectedBody,
    int expectedCode) {}
