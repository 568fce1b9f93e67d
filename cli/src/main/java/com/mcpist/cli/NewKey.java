package com.mcpist.cli;

import java.time.Instant;
import java.util.Optional;

/**
 * A key that is to be let in, without the key.
 *
 * @param user whom it makes the caller
 * @param expires empty: never
 */
record NewKey(String name, String user, Optional<Instant> expires) {}
