/** How each program connects to PostgreSQL, and whom it trusts to be it. */
@NullMarked
package com.mcpist.database;

import org.jspecify.annotations.NullMarked;
