/** A vendor's HTTP interface, with deadlines, safe retries, limits, and errors without a secret. */
@NullMarked
package com.mcpist.deploy.http;

import org.jspecify.annotations.NullMarked;
