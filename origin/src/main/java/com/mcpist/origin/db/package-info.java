@NullMarked
package com.mcpist.origin.db;

import org.jspecify.annotations.NullMarked;
