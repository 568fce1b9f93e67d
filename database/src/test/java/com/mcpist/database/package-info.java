@NullMarked
package com.mcpist.database;

import org.jspecify.annotations.NullMarked;
