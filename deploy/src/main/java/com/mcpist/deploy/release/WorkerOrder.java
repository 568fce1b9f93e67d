package com.mcpist.deploy.release;

import java.util.Optional;

/**
 * How the Worker is brought out or back.
 *
 * @param force also with secrets that have changed since, and without the origins' admin path
 * @param verify whether it is verified, and taken back where it is bad
 * @param who asks
 * @param run what several commands that belong together have in common; empty for one alone
 * @param limits how long things may take
 */
public record WorkerOrder(
    boolean force, boolean verify, String who, Optional<String> run, Order.Limits limits) {}
