/** What is in a database, in a file: taken out, and put into an empty one. */
@NullMarked
package com.mcpist.pair.backup;

import org.jspecify.annotations.NullMarked;
