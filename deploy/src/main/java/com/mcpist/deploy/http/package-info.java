/**
 * Calls of vendors' HTTP interfaces, with deadlines, safe retries, limits, and errors without a
 * secret.
 */
@NullMarked
package com.mcpist.deploy.http;

import org.jspecify.annotations.NullMarked;
