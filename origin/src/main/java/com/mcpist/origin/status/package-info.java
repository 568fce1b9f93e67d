/**
 * The status page, which edges show to browsers: docs/operations/status-page.md. It is made here,
 * since only origins have the database; the edge tells what it alone knows.
 */
@NullMarked
package com.mcpist.origin.status;

import org.jspecify.annotations.NullMarked;
