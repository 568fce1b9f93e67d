/** What examples/clients has for client libraries, against a path that breaks each sending. */
@NullMarked
package com.mcpist.e2e.examples;

import org.jspecify.annotations.NullMarked;
