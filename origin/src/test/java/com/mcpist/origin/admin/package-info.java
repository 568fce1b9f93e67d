@NullMarked
package com.mcpist.origin.admin;

import org.jspecify.annotations.NullMarked;
