@NullMarked
package com.mcpist.pair.database;

import org.jspecify.annotations.NullMarked;
